"""Work on bytes that nobody has to trust, in a child process that can harm and hang nobody.

Standard library only, and knows no room of the house: the vault reads providers' files in it, the
register of algorithms runs providers' models. The parent's half is `running`, the child's `child`.
"""
