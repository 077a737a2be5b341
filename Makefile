# What can be done here? `make demo` needs only Python >= 3.11 and pip. Everything is dev.py's work.
.PHONY: demo test lint bench clean

demo:
	python3 dev.py demo $(ARGS)

test:
	python3 dev.py test $(ARGS)

lint:
	python3 dev.py lint

# make bench NAME=night ARGS="--customers 10000"
bench:
	python3 dev.py bench $(NAME) $(ARGS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build outreach-demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
