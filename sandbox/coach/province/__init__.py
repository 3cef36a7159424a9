"""The provincial network: JSON over HTTP, signed in headers, amounts in fen, daily file as CSV in GB18030."""
