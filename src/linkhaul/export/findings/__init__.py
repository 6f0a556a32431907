"""What a check found, told: a module for each format, from records to text on a stream."""
