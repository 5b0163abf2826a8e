"""Settlement reports and bank statements in the shapes that providers and banks give them.

Each shape has a reader and a writer: `stripe`, `adyen`, `razorpay` and `camt053`. What a reader
returns is the same record for all of them, with money as integers in the minor unit of ISO 4217.
"""
