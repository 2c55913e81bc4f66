"""All topics in one table: name, key, partitions, clean-up, retention, timestamp type, schema.

(Logical names are used in the code; `full_name` adds the namespace.)
"""

SOURCES = ("crm.events", "telephony.events", "org.changes")
