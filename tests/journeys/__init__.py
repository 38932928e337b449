"""Whole stories in headless Chromium against a running demo."""
