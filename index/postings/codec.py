"""The codec."""

from whoosh.codec.whoosh3 import W3Codec


class ArrayCodec(W3Codec):
    """x"""
