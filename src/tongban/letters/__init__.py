"""What follows from a case on paper: the content of each letter, and its printing as PDF."""
