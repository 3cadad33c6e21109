"""The course: its chapters, what they show of the code, their exercises and their site."""
