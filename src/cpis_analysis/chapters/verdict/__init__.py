"""The answer to "Was there a difference?": the interval chooses the sentence."""
