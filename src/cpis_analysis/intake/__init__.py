"""Raw exports to clean interviews, with an account of every row and cell.

``dictionary`` says what each variable is and ``values`` what a written cell means; ``files`` turns what was delivered
into text cells with their line numbers; the ``rules`` (one file each) change cells and leave an audit line for each
change; ``clean`` runs them in their fixed order and proves that the account closes; ``flow`` counts people. Importing
this package imports nothing heavy.
"""
