"""What cron runs, and the scans it looks with."""
