"""The tools of the course: quoting code and numbers, running sessions, building the site."""
