"""`python -m saleor_o2o`: the command line behind `./o2o`."""

import sys

from saleor_o2o.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
