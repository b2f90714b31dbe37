"""What a protocol, its examples and the chart must prove before anybody is treated by them."""
