"""``python -m exporter``."""

from exporter.cli import script

if __name__ == "__main__":
    script()
