"""
What a person may ask for of the data about them (个人信息保护法 第四章): a copy of all that this node holds, and closing the account.

Reads what others own and deletes by their own commands; rules of its own are only what hinders and how often.
"""
