"""How the missing would have to differ to change a conclusion."""
