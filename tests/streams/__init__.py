"""Random streams of events over most of a year, by which the pipeline and the audit are compared: `make streams`."""
