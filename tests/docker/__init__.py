"""Checks what stands in docker/ and on the pages for a hospital's IT, without building or starting any of it."""
