"""Treatment protocols as data, read, checked and pinned by their content's hash."""
