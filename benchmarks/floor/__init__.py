"""The floor: a Django project whose views were written by hand and do only what is necessary."""
