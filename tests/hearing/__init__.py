"""How are the weights learned with which a wish is heard, and how well do they hear texts they have not seen?"""
