"""The running exporter: the worker, its signals, and a configuration that is read again."""
