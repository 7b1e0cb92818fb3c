"""A folder of the program's own that is called like one of a virtual environment."""


def title(name):
    return name.upper()
