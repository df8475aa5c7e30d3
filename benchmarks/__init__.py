"""How fast a rendered project is, beside a hand-written floor and the plain stack it stands on."""
