"""What does the program let those who run it see? Logs, figures and pings, none of which knows an address."""
