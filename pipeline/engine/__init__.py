"""The engine: runs stages under Faust, and keeps their state. Nothing else knows Faust."""
