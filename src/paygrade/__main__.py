"""`python -m paygrade` and the `paygrade` command."""

from paygrade.cli.app import main

if __name__ == "__main__":
    main()
