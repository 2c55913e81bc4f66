"""What ends a worker in time: the watchdog, the monitors of group and topics, shutdown."""
