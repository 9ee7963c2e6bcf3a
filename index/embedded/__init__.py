"""The embedded index: postings, columns, stored articles, segments, commits and their writer."""
