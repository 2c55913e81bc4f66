"""The demo: broker and Redis in the process, a worker and a simulated sales floor."""
