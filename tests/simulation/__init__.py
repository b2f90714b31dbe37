"""A year of wards, several schedulers, a jumping clock and a failing network, all driven by one seed."""
