"""From samples to pages: text formats, limits on series, compression."""
