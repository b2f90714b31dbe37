"""The reference: everything that tables and protocols say, as pages built from them and from nothing else."""
