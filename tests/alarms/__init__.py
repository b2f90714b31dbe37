"""Makes every alert of docker/monitoring fire: a real fault each, read by a real Prometheus."""
