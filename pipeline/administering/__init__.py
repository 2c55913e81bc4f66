"""The organisation as one file: compared with what the deployment says of it, told, shown, and written out."""
