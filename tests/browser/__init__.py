"""The status page in a real browser. Needs Chromium (``make browser``); without it these tests are skipped, in CI they fail."""
