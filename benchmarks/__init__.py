"""What the product's speed is, each time beside a baseline measured in the same run."""
