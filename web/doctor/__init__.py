"""The checks of `timtin doctor`: what is wrong with an index, its server and this machine."""
