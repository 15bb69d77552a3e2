"""Labels by hand, one text after another: what is asked, what was decided, what is learnt meanwhile. No HTTP here."""
