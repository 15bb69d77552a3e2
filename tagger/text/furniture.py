"""Text → is it furniture of a page?"""
def is_furniture(text: str) -> bool:
    return False
