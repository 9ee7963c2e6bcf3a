"""How fast, how large and how safe is it? Each module is a command that prints its figures."""
