"""The course: chapters, exercises, and the tools that keep them up to date and build the site."""
