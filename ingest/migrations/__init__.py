"""The history of the database's form, run by Alembic from inside the package."""
