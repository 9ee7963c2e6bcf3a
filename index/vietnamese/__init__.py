"""The Vietnamese language: forms of writing, syllables, words, ways of typing."""
