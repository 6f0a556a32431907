"""The rules of an audit that judge one page by its facts."""
