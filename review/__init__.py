"""Where people confirm: the web application in which reviewers see worksheets and decide."""
