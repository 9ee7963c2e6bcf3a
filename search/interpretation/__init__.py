"""What was meant by the words typed? Missing marks, Telex, VNI, slips: always as additions."""
