"""What `Benchmarks/run` is made of: one module for each part, and what they share."""
